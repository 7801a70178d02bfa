"""The border: whatever a company's own pipeline hands over is converted or refused here.

`values` makes JSON of any object, `handover` makes what the service stores of what steps hand over,
`table_file` checks the files of scores and of rejected rows. Foreign code may run in each attribute
of a foreign object, so this room catches every exception.
"""
