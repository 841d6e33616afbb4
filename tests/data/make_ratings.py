#!/usr/bin/python3
"""Ratings of films by users, with tastes that go round in a circle, as examples/beyond/ratings.csv.

    tests/data/make_ratings.py > examples/beyond/ratings.csv

User u likes films whose angle is near to the user's: 3 + 1.6 cos(angle of u - angle of the film), some noise, rounded to
halves from 0.5 to 5. Of all pairs three in ten are in the file, in random order.
"""
import numpy as np

USERS, FILMS, RATED = 60, 40, 720

random = np.random.RandomState(0)
users = np.linspace(0, 2 * np.pi, USERS, endpoint=False)
films = np.linspace(0, 2 * np.pi, FILMS, endpoint=False)
liking = 3 + 1.6 * np.cos(users[:, None] - films) + 0.4 * random.randn(USERS, FILMS)
ratings = np.clip(np.round(2 * liking) / 2, 0.5, 5)
print("user,film,rating")
for pair in random.permutation(USERS * FILMS)[:RATED]:
    u, f = divmod(pair, FILMS)
    print(f"{u},{f},{ratings[u, f]:g}")
