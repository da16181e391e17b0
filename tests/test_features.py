"""Every feature of the list has a test with a real program, and docs/features.md says which."""

import ast
from pathlib import Path

import features
import pytest

PROOFS = features.proofs()


def test_every_feature_is_proven_and_every_mark_names_one() -> None:
    assert features.wrong(PROOFS) == []


def test_the_document_is_that_of_the_tests() -> None:
    written = features.TARGET.read_text(encoding="utf-8")
    assert written == features.document(PROOFS), f"run {features.COMMAND}"


def test_no_feature_stands_twice() -> None:
    known = features.all_features()
    assert len(known) == len(set(known))


def test_a_feature_without_a_test_is_told() -> None:
    lost = features.all_features()[0]
    without = [one for one in PROOFS if one.feature != lost]
    assert features.wrong(without) == [f"{lost}: no test with a real program"]


def test_a_mistyped_feature_is_told_with_its_test() -> None:
    typo = features.Proof("late ofer", "tests/peers/test_x.py::test_y", ("sipp",))
    (complaint,) = features.wrong([*PROOFS, typo])
    assert "test_x.py::test_y" in complaint and "late ofer" in complaint


def test_a_test_of_our_own_programs_alone_proves_nothing() -> None:
    feature = features.all_features()[0]
    ours = [one for one in PROOFS if one.feature != feature]
    ours.append(features.Proof(feature, "tests/peers/test_x.py::test_y", ("bare RTP",)))
    assert any(feature in complaint for complaint in features.wrong(ours))


@pytest.mark.parametrize(
    ("name", "programs"),
    [
        ("test_hold_and_resume", ("baresip", "sipp")),
        ("test_hold_and_resume_by_baresips_own_key", ("baresip",)),
    ],
)
def test_programs_are_read_from_what_a_test_uses(name: str, programs: tuple[str, ...]) -> None:
    file = Path(features.ROOT) / "tests" / "peers" / "test_hold.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    (test,) = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name]
    assert features.programs_of(test, file) == programs
