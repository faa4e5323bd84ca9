r"""The system that is traced: a small subscription business.

    gateway -> billing -> payments -> card network (a third party: not traced)
                  \-> queue -> notifications

Four services with a database of their own each. They talk over HTTP and the queue,
and none imports another; what they share lies in the modules beside this file.
"""
