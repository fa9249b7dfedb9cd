"""Files as bytes: what kind they are, told by themselves, and where they are kept, under their own hash.

May enter here: what every service that takes or gives files needs of them. May not: whose a file is, or who
may see it (the service's own).
"""
