"""What tables hold, as far as their rows are known: rows followed through statements, in Python.

`values` are SQL's values with one more, for what is not known; `evaluator` reads expressions and
simple queries over rows; `storing` says what a column makes of a value; `keeping` whether rows keep
the constraints; `following` takes tables through the operations of a statement. Wherever an engine
might do otherwise the answer is that nobody can tell, never a guess.
"""
