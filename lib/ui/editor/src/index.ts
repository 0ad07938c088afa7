/**
 * What Streamlit draws as a component. It calls `render` at the start and whenever data or theme change, so an editor is
 * kept for as long as its place on the page is; `remove` is called when that place goes.
 */
import { Editor } from "./editor";
import type { ComponentArguments } from "./protocol";

const editors = new WeakMap<Node, Editor>();

export function render(component: ComponentArguments): void {
  const found = editors.get(component.parentElement);
  if (found) found.update(component);
  else editors.set(component.parentElement, new Editor(component));
}

export function remove(parentElement: Node): void {
  editors.get(parentElement)?.destroy();
  editors.delete(parentElement);
}
