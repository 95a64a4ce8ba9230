"""What landed records say, in our words: tables of paths and transforms, and the rows of staging that come of them."""
