"""A set of small whole numbers that takes one bit for each: which of a hundred thousand links were seen, in 12 kB."""

from __future__ import annotations

from collections.abc import Iterable


class Marks:
    """Numbers from 0 on that were marked, each once."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)

    def add(self, number: int) -> None:
        """Mark a number; again does nothing."""
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        bit = 1 << (number & 7)
        if not self._bits[place] & bit:
            self._bits[place] |= bit
            self._count += 1

    def remove(self, numbers: Iterable[int]) -> None:
        """Take marks away where there are any."""
        for number in numbers:
            if number in self:
                self._bits[number >> 3] ^= 1 << (number & 7)
                self._count -= 1
