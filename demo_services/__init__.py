r"""The system to trace: a small subscription business.

    gateway -> billing -> payments -> card network (a third party: not traced)
                  \-> queue -> notifications

Four services, each with its own database. They talk over HTTP and the queue; none
imports another. The modules beside this file are shared.
"""
