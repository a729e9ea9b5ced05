"""Whole numbers as wide as Go has them: one that does not fit is a fault of the document."""

from typing import Annotated

from pydantic import Field

Int32 = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Int64 = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Uint64 = Annotated[int, Field(ge=0, lt=2**64)]
