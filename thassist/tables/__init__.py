"""Table specs: TOML → lint → compute → cube.

``model`` is what a spec says, ``spec`` reads it, ``views`` reads the statistical views under it, ``lint`` holds both
against what they name, ``query`` writes the SQL, ``compute`` makes the ``cube``.
"""
