"""Persian as people read and write it: digits, Jalali dates, our terms, one spelling for search.

May enter here: pure functions on text and time that two members or more need. May not: pages, templates, I/O.
"""
