from stonks.settings import Bucket, parse_bucket


def test_an_s3_url_carries_what_a_store_of_ones_own_needs() -> None:
    assert parse_bucket("s3://me:s%2Fecret@bucket/a/prefix/?endpoint=http://127.0.0.1:8333&region=eu") == Bucket(
        name="bucket",
        prefix="a/prefix",
        config={
            "endpoint": "http://127.0.0.1:8333",
            "region": "eu",
            "access_key_id": "me",
            "secret_access_key": "s/ecret",
        },
        plain_http=True,
    )


def test_a_plain_s3_url_leaves_the_rest_to_the_client() -> None:
    assert parse_bucket("s3://bucket") == Bucket(name="bucket", prefix="", config={}, plain_http=False)
