"""The document-extractor: what a language model is asked about a document, and how much of its answer is believed."""
