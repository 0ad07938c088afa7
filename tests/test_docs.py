"""What the documents say is what the code does."""

import json
import re
import tomllib
from pathlib import Path

from streamlit import config

from lib.core.charts import CHART_TYPES
from lib.core.periods import read_periods
from lib.core.preset_files import _KNOWN, TABLE, read_catalogue
from lib.core.setting_names import SETTINGS
from lib.core.settings import load_settings
from lib.core.time_text import resolve_range
from lib.core.transform import TRANSFORMS
from tests.e2e.app import SHIPPED

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_the_list_of_settings():
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", table, re.MULTILINE)
    assert rows == [(setting.name, setting.help) for setting in SETTINGS]


def test_the_readme_stays_short():
    assert len(README.splitlines()) <= 150


def test_every_file_that_the_readme_names_is_there():
    named = re.findall(r"`((?:pages|lib|docs|tests|\.streamlit)/[\w./-]*|LICENSE|\.env\.example)`", README)
    pictures = re.findall(r"\]\((docs/[\w./-]+)\)", README)
    assert named and pictures
    ours = {".streamlit/secrets.toml"}  # one's own, never in the repository
    assert [name for name in {*named, *pictures} - ours if not (ROOT / name).exists()] == []


def test_the_preset_that_the_readme_shows_can_be_used_as_it_stands(tmp_path):
    shown = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert shown
    (tmp_path / "mine.toml").write_text(shown[1], encoding="utf-8")
    assert list(read_catalogue(tmp_path)) == ["server-starts"]


def test_the_guide_to_presets_explains_every_field():
    guide = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")
    assert [field for field in sorted(_KNOWN) if f"`{field}`" not in guide] == []


def test_the_guide_to_presets_lists_every_chart_type_and_the_gallery_shows_them_all():
    guide = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `chart` \| (.+?) \|$", guide, re.MULTILINE)
    assert re.findall("`([a-z]+)`", row) == [*CHART_TYPES, TABLE]
    gallery = (ROOT / "docs" / "gallery" / "README.md").read_text(encoding="utf-8")
    offered = [f"do-{name}" for name, kind in TRANSFORMS.items() if kind.offered]
    for name in [*CHART_TYPES, *offered]:
        for look in ("1280-light", "1280-dark", "390-light", "390-dark"):
            assert f'src="{name}-{look}.png"' in gallery, f"{name} is missing: make gallery"
            assert (ROOT / "docs" / "gallery" / f"{name}-{look}.png").exists()


def test_the_guide_to_time_reads_as_it_says(tmp_path):
    guide = (ROOT / "docs" / "time.md").read_text(encoding="utf-8")
    shown = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert shown
    (tmp_path / "periods.toml").write_text(shown[1], encoding="utf-8")
    found = read_periods(str(tmp_path / "periods.toml"))
    assert [period.name for period in found.periods] == ["Fall 2026", "Summer workshop"] and not found.problems
    cells = re.findall(r"^\| (`.+?`) \| (?!Means)", guide, re.MULTILINE)
    texts = [text for cell in cells for text in re.findall("`([^`]+)`", cell)]
    assert len(texts) > 12
    for text in texts:
        resolve_range(text, "now+1y", 1_794_000_000.0)  # raises for what cannot be read


def test_every_test_that_guards_something_is_there():
    named = re.findall(r"`((?:tests|bench|\.streamlit)/[\w./-]+)`", SECURITY)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_name_in_the_guide_to_running_it_is_one_of_a_setting():
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    ours = set(re.findall(r"\b(?:HUBSCOPE|GRAFANA)_[A-Z_]+", guide))
    assert len(ours) > 5 and ours <= {setting.name for setting in SETTINGS}
    options = {option.env_var for option in config.get_config_options().values()}
    theirs = set(re.findall(r"\bSTREAMLIT_[A-Z_]+", guide))
    assert len(theirs) > 4 and theirs <= options


def test_the_container_holds_what_is_shipped_and_starts_it_as_the_guide_does():
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]]
    assert sorted(copied) == sorted(["requirements.txt", *SHIPPED])
    command = json.loads(next(line for line in lines if line.startswith("CMD")).removeprefix("CMD"))
    assert command[:3] == [".venv/bin/streamlit", "run", "server.py"]


def test_no_document_names_a_machine_or_its_folders():
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    assert [
        path.name for path in texts if re.search(r"/(work|root|home|Users)/|localhost:(?!8501)", path.read_text())
    ] == []


def test_the_guide_to_access_shows_settings_that_work():
    guide = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    tables = "\n".join(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL))
    found = load_settings(tomllib.loads(tables))
    assert found.access.sign_in and found.access.allow.domains == {"staff.example.org"}
    assert [group.name for group in found.access.groups] == ["operators", "north"]
    assert [setting.name for setting in SETTINGS if setting.name in guide] == [
        *("HUBSCOPE_ALLOW", "HUBSCOPE_CONTACT", "HUBSCOPE_PROMQL", "HUBSCOPE_HUBS", "HUBSCOPE_OPEN"),
    ]
