"""Published files as whoever receives them reads them: the cells, and every other place where a figure can hide.

Nothing here shares code with the writers: what was meant to be written does not matter, only what stands in the file.
"""

from thassist.disclosure.files.agree import faults_of
from thassist.disclosure.files.reading import read
from thassist.disclosure.files.written import Fault, Written, WrittenCell, WrittenText

__all__ = ["Fault", "Written", "WrittenCell", "WrittenText", "faults_of", "read"]
