"""Tasks are ordinary functions, so their tests are ordinary too: `python3 -m unittest`."""

import unittest

from jackfield import Permanent
from plugin import greet


class Greet(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertEqual(greet("Ada").text, "Hello, Ada!")

    def test_wants_a_name(self):
        with self.assertRaisesRegex(Permanent, "no-name"):
            greet("")


if __name__ == "__main__":
    unittest.main()
