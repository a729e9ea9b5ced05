"""How large a proof is: small enough for every run of the suite, or as large as promised (`make soak`)."""

import os


def size(variable: str, small: int) -> int:
    """Give the number that the environment asks for, else the small one."""
    return int(os.environ.get(variable) or small)
