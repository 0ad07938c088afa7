"""A checkout of upstream's dashboards, in Jsonnet: what it asks is read as if it had all its libraries."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lib.commands import drift
from lib.commands.checkout import render, sources
from lib.core.dashboard_json import model_of, panels, targets
from lib.core.drift import hash_of
from lib.core.errors import PresetError

# Made up, in upstream's style: options before and after the title, helpers of two libraries, rows, text blocks.
COMMON = """\
local grafonnet = import 'github.com/grafana/grafonnet/gen/grafonnet-v11.1.0/main.libsonnet';
local ts = grafonnet.panel.timeSeries;
local var = grafonnet.dashboard.variable;
{
  // ref: https://grafana.github.io/grafonnet/API/panel/timeSeries/index.html
  tsOptions:
    ts.standardOptions.withMin(0)
    + ts.options.withTooltip({ mode: 'multi' })
  ,
  variables: {
    hub:
      var.query.new('hub')
      + var.query.selectionOptions.withIncludeAll(value=true, customAllValue='.*')
    ,
  },
}
"""
PODS = """\
local grafonnet = import 'grafonnet/main.libsonnet';
local ts = grafonnet.panel.timeSeries;
local prometheus = grafonnet.query.prometheus;
{
  onComponent(component, cmp='=', group_left=false)::
    std.format('* on (pod) %s group by (pod) (kube_pod_labels{component%s"%s"})', [
      if group_left != false then std.format('group_left(%s)', [group_left]) else '',
      cmp,
      component,
    ]),
  memoryPanel(name, component, multi=false)::
    ts.new(std.format('%s memory', [name]))
    + ts.queryOptions.withTargets([
      prometheus.new('$PROMETHEUS_DS', |||
        sum(
          memory_bytes
          %s
        )
      ||| % self.onComponent(component, cmp=if multi then '!=' else '=')),
    ]),
}
"""
HUBS = """\
#!/usr/bin/env -S jsonnet -J ../vendor
local grafonnet = import 'github.com/grafana/grafonnet/gen/grafonnet-v11.1.0/main.libsonnet';
local dashboard = grafonnet.dashboard;
local ts = grafonnet.panel.timeSeries;
local prometheus = grafonnet.query.prometheus;
local row = grafonnet.panel.row;
local common = import './common.libsonnet';
local pods = import 'pods.libsonnet';

local users =
  common.tsOptions
  + ts.new('Users')
  + ts.panelOptions.withDescription(
    |||
      Counts people.
    |||
  )
  + ts.fieldConfig.defaults.custom.stacking.withMode('normal')
  + ts.queryOptions.withTargets([
    prometheus.new(
      '$PROMETHEUS_DS',
      |||
        # each hub
        max(users{namespace=~"$hub"}) by (namespace)
      |||
    )
    + prometheus.withLegendFormat('{{ namespace }}'),
    prometheus.new('$PROMETHEUS_DS', 'max(%(metric)s)' % { metric: 'limit' }),
  ])
  + ts.queryOptions.withTargetsMixin([prometheus.new('$PROMETHEUS_DS', 'old') + prometheus.withHide()]);

dashboard.new('Hubs')
+ dashboard.withTags(['jupyterhub'])
+ dashboard.time.withFrom('now-90d')
+ dashboard.withVariables([common.variables.hub])
+ dashboard.withPanels(
  grafonnet.util.grid.makeGrid(
    [
      row.new('People') + row.withPanels([users]) + row.withRepeat('PROMETHEUS_DS'),
      row.new('Pods') + row.withPanels([pods.memoryPanel('All', component='server', multi=true)]),
    ],
    panelWidth=12,
    panelHeight=10,
  )
)
"""
ASKED = {
    ("Users", "A"): '# each hub\nmax(users{namespace=~"$hub"}) by (namespace)\n',
    ("Users", "B"): "max(limit)",
    ("All memory", "A"): (
        'sum(\n  memory_bytes\n  * on (pod)  group by (pod) (kube_pod_labels{component!="server"})\n)\n'
    ),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one dashboard, two libraries, and a package manager's folder, in which nothing is upstream's."""
    root = tmp_path / "checkout"
    files = {
        "dashboards/common.libsonnet": COMMON,
        "dashboards/pods.libsonnet": PODS,
        "dashboards/hubs.jsonnet": HUBS,
        "vendor/other/other.jsonnet": "error 'not to be read'",
        "jsonnetfile.json": "{}",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """What was recorded of it."""
    path = tmp_path / "panels.toml"
    entries = (
        f'[[panel]]\ndashboard = "Hubs"\npanel = "{panel}"\nref = "{ref}"\nsha256 = "{hash_of(expr)}"\n'
        for (panel, ref), expr in ASKED.items()
    )
    path.write_text("".join(entries), encoding="utf-8")
    return path


def test_the_titles_and_queries_of_its_panels_are_those_of_the_rendered_dashboard(checkout: Path) -> None:
    [file] = sources(checkout)
    model = model_of(render(file, checkout))
    found = {(panel["title"], target.ref): target.expr for panel in panels(model) for target in targets(panel)}
    assert model["title"] == "Hubs"
    assert found == ASKED


def test_a_checkout_as_it_was_recorded_has_not_moved(checkout: Path, record: Path, capsys) -> None:
    assert drift.run(str(checkout), record) == 0
    assert capsys.readouterr().out == "Upstream is as it was recorded.\n"
    assert drift.run(str(checkout / "dashboards" / "hubs.jsonnet"), record) == 0


def test_what_moved_in_a_library_is_told_of_the_panel_that_it_builds(checkout: Path, record: Path, capsys) -> None:
    library = checkout / "dashboards" / "pods.libsonnet"
    library.write_text(PODS.replace("memory_bytes", "memory_total_bytes"), encoding="utf-8")
    hubs = checkout / "dashboards" / "hubs.jsonnet"
    hubs.write_text(HUBS.replace("'max(%(metric)s)' % { metric: 'limit' }", "''"), encoding="utf-8")
    more = HUBS.replace("new('Hubs')", "new('More')")
    (checkout / "dashboards" / "more.jsonnet").write_text(more, encoding="utf-8")
    assert drift.run(str(checkout), record) == 1
    assert capsys.readouterr().out.splitlines() == [
        "added: More / All memory / A",
        "added: More / Users / A",
        "added: More / Users / B",
        "removed: Hubs / Users / B",
        "changed: Hubs / All memory / A",
        "Upstream has moved: 3 added, 1 removed, 1 changed.",
    ]


UNREADABLE = {
    "what does not parse": ("local x = ", "It cannot be rendered: "),
    "what is no dashboard": ("{ a: 1 }", "This is not a dashboard of Grafana."),
    "a library that is gone": ("import 'gone.libsonnet'", "gone.libsonnet is not in "),
    "a file outside of the checkout": ("importstr '../../panels.toml'", "panels.toml is not in "),
}


@pytest.mark.parametrize(("text", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_source_that_cannot_be_rendered_is_named_with_the_reason(checkout, record, capsys, text, words) -> None:
    (checkout / "dashboards" / "bad.jsonnet").write_text(text, encoding="utf-8")
    assert drift.run(str(checkout), record) == 2
    printed = capsys.readouterr().out
    assert "bad.jsonnet: " in printed
    assert words in printed
    assert "Traceback" not in printed


def test_without_the_package_that_renders_it_says_what_to_do(checkout: Path, record: Path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "_gojsonnet", None)
    with pytest.raises(PresetError):
        render(sources(checkout)[0], checkout)
    assert drift.run(str(checkout), record) == 2
    assert "pip install gojsonnet" in capsys.readouterr().out
