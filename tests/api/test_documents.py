"""Documents: what was read from them, and their bytes."""

from tests.fakes.world import World


async def test_filters_leave_only_what_they_name(world: World) -> None:
    found = (await world.get("/documents", ticker="AAPL", status="extracted", type="news"))["items"]

    assert found
    assert all("AAPL" in row["tickers"] and row["status"] == "extracted" for row in found)
    assert {row["document_type"] for row in found} == {"news"}


async def test_a_quote_of_a_document_stands_in_its_text_at_its_place(world: World) -> None:
    documents = (await world.get("/documents", status="extracted", limit=20))["items"]

    quotes = 0
    for row in documents:
        found = await world.get(f"/documents/{row['id']}")
        text = (await world.client.get(f"/api/v1/documents/{row['id']}/text")).text
        for reading in found["intelligence"]:
            for quote in (quote for impact in reading["impacts"] for quote in impact["evidence"]):
                assert text[quote["start"] : quote["end"]] == quote["quote"]
                quotes += 1
    assert quotes > 10


async def test_raw_bytes_are_a_download_that_no_browser_runs(world: World) -> None:
    ident = world.seeded.documents[0]
    sha256 = (await world.get(f"/documents/{ident}"))["raw_sha256"]

    answer = await world.client.get(f"/api/v1/documents/{ident}/raw")

    assert answer.headers["content-disposition"] == f'attachment; filename="{sha256}"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].startswith("sandbox")


async def test_bytes_that_a_client_has_are_not_sent_again(world: World) -> None:
    path = f"/api/v1/documents/{world.seeded.documents[0]}/text"
    first = await world.client.get(path)

    second = await world.client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")


async def test_a_document_without_text_says_so(world: World) -> None:
    ident = world.seeded.documents[0]
    await world.connection.execute("UPDATE documents SET normalized_sha256 = NULL WHERE id = $1", ident)

    answer = await world.client.get(f"/api/v1/documents/{ident}/text")

    assert answer.status_code == 404
    assert "has no normalized text" in answer.json()["detail"]


async def test_an_event_shows_its_terms_company_by_company(world: World) -> None:
    found = await world.get(f"/events/{world.seeded.events[0]}")

    assert len(found["impacts"]) == 8
    strongest = found["impacts"][0]
    assert abs(sum(strongest["terms"].values()) - strongest["impact"]) < 1e-3
    assert all(quote["verbatim"] for quote in found["quotes"])
    assert any(row["signal_id"] for row in found["impacts"]) == any(
        abs(row["impact"]) >= 0.25 for row in found["impacts"]
    )
