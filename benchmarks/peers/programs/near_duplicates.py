"""Finds texts that are alike with ours or with datasketch, and says which and what that took.

    python near_duplicates.py ours|datasketch|verified FILE

The file has a JSON string a line, each a text. The answer is JSON: CPU seconds of every pass, and the pairs found. Each
text is compared with those before it and then kept, as a pipeline would. ``verified`` is datasketch whose candidates
count only if their signatures agree.
"""

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

Pairs = list[tuple[int, int]]
Find = Callable[[Sequence[str]], Pairs]

PASSES = 3
ALIKE = 0.5
WORD = re.compile(r"\w+")


def ours() -> Find:
    """Return our way: what the parser does with a text and then the database with its bands."""
    from stonks.stages.parser.core.duplicates import bands_of, signature_of, similarity

    def find(texts: Sequence[str]) -> Pairs:
        pairs: Pairs = []
        signatures: list[bytes] = []
        kept: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            signature = signature_of(text)
            bands = list(enumerate(bands_of(signature)))
            like = {other for band in bands for other in kept.get(band, ())}
            pairs += [(other, number) for other in like if similarity(signatures[other], signature) >= ALIKE]
            signatures.append(signature)
            for band in bands:
                kept[band].append(number)
        return pairs

    return find


def datasketch(*, verify: bool) -> Find:
    """Return datasketch as its documentation has it: three-word shingles, 128 permutations, a threshold."""
    from datasketch import MinHash, MinHashLSH

    def find(texts: Sequence[str]) -> Pairs:
        pairs: Pairs = []
        sketches = []
        kept = MinHashLSH(threshold=ALIKE, num_perm=128)
        for number, text in enumerate(texts):
            words = WORD.findall(text.lower())
            shingles = {" ".join(words[at : at + 3]).encode() for at in range(max(1, len(words) - 2))}
            sketch = MinHash(num_perm=128)
            sketch.update_batch(shingles)
            like = kept.query(sketch)
            pairs += [(other, number) for other in like if not verify or sketches[other].jaccard(sketch) >= ALIKE]
            sketches.append(sketch)
            kept.insert(number, sketch)
        return pairs

    return find


def main() -> None:
    """Answer on standard output."""
    name, file = sys.argv[1:]
    with Path(file).open() as lines:
        texts = [json.loads(line) for line in lines]
    find = ours() if name == "ours" else datasketch(verify=name == "verified")
    find(texts[:20])
    seconds = []
    pairs: Pairs = []
    for _ in range(PASSES):
        started = time.process_time()
        pairs = find(texts)
        seconds.append(time.process_time() - started)
    print(json.dumps({"seconds": seconds, "pairs": pairs}))


if __name__ == "__main__":
    main()
