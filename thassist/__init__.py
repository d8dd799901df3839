"""thassist: from case work on victims of human trafficking to statistics that can be trusted and published.

The rooms follow the data: ``intake`` → ``rules`` → ``records`` → ``snapshot`` → ``tables`` → ``disclosure`` →
``release`` → ``publish``, with ``codes`` underneath. Definitions are data under ``reports/``.
"""

__version__ = "0.1.0"
