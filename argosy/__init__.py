"""The operator's tool, `argosy …`: the demo, and the checking of documents."""
