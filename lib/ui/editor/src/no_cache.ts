/** Takes the place of a package that only codemirror-promql's own HTTP client uses, which is not used here. */
export class LRUCache {}
