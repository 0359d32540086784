"""placeholder"""

from generator.document import Document


def check(document: Document) -> list[str]:
    return []
