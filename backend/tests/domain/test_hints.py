"""What is said of a name that is not known."""

from rota.domain.hints import there_are


def test_all_are_named_where_they_are_few() -> None:
    assert there_are("zz", ["b", "a"]) == "there are: a, b."
    assert there_are("zz", []) == "there are: none yet."


def test_of_many_it_says_how_many_more() -> None:
    assert there_are("zz", [f"f{n:02}" for n in range(13)]).endswith("f08, f09 and 3 more.")


def test_what_it_may_have_been_meant_to_be() -> None:
    assert there_are("mutliply", ["multiply", "nap"]) == "did you mean 'multiply'? There are: multiply, nap."
    assert there_are("Default", ["default", "mail"]).startswith("did you mean 'default'?")
    assert there_are("multiply" * 20, ["multiply"]) == "there are: multiply."
