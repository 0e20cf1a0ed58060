"""Sessions at a laptop, honest and not, as a bastion would see them.

Written apart from the detector, and knowing nothing of it but the record of features. How people
read and type is taken from the literature. Everything is made from a seed.

Sources: typing: Dhakal, Feit, Kristensson, Oulasvirta, CHI 2018 (136 million keystrokes: mean 52
words a minute, mean time between keys 239 ms, right-skewed). Reading: Brysbaert, J. Mem. Lang. 109
(2019): 238 words a minute silently, most between 175 and 300. No labelled data of insiders is
public in this form; whoever has some should run it here.
"""
