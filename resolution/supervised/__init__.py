"""A model taught by people's decisions. What is learned is put back into the form of the model in force, so that one kernel scores
everywhere and explains itself as before.

correction   what was learned, as a change of a model's bits
lessons      decided pairs, and how they are held out of what they teach
training     the correction that decided pairs teach
trial        whether a model is better than the one in force, on decisions that it was not taught by
"""
