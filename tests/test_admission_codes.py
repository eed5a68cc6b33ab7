"""Every code of refusal is given by some submission, in the words of the domain."""

import pytest
from programme import Programme, codes, funded
from refusal_scenes import REFUSED, UNOPENED
from refusal_variants import OPENINGS, VARIANTS

from domain.refusal_texts import TEXTS, render


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_each_refusal_is_given_by_some_submission(code: str) -> None:
    """What happens, and why it is refused; the refusal can be said in both languages."""
    event = REFUSED[code](Programme() if code in UNOPENED else funded())
    assert code in codes(event)
    for reason in event.reasons:
        figures = {figure.name: figure.value for figure in reason.figures}
        for english in (False, True):
            assert "{" not in render(reason.code, figures, english=english)


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_each_check_refuses_in_each_of_its_circumstances(name: str) -> None:
    """The code by which that check refuses, whichever other check gives it too."""
    code, scene = VARIANTS[name]
    event = scene(Programme() if name in OPENINGS else funded())
    assert code in codes(event)
