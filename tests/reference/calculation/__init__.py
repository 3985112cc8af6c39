"""An independent calculation of everything that the engine answers about a lead.

Written from the documents alone and slow on purpose: every number is worked out from the whole set of events, with no
state in between. It imports nothing of what it checks.
"""

from tests.reference.calculation.answer import Answer, LeadReference, answer
from tests.reference.calculation.facts import Fact, in_order_of_time

__all__ = ["Answer", "Fact", "LeadReference", "answer", "in_order_of_time"]
