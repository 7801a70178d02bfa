"""Every text that a person reads, in Korean and English.

`translator.py` reads the catalogues (`en/`, `ko/`; https://projectfluent.org), `josa.py` chooses
Korean particles.
"""
