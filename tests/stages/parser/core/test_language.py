import pytest

from stonks.stages.parser.core.language import SURE, language_of


@pytest.mark.parametrize(
    ("title", "body", "language"),
    [
        ("Boeing delivers", "The company said that it would deliver more of its jets than in the year before.", "en"),
        (
            "Boeing liefert mehr Flugzeuge aus",
            "Der Hersteller hat im März mehr Maschinen ausgeliefert als erwartet.",
            "de",
        ),
        ("Boeing livre plus d'avions", "Le constructeur a livré plus d'appareils que prévu au mois de mars.", "fr"),
        ("Visa Inc. Cl A stock", "", "en"),
    ],
)
def test_the_language_of_a_text_is_told(title: str, body: str, language: str) -> None:
    told, confidence = language_of(title, body)

    assert told == language
    assert confidence > SURE or language == "en"
