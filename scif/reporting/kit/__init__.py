"""The PDF kit: type, sheets, lazily fed tables, chain, signatures, proof box, signing.

Everything is drawn on reportlab's canvas. Its Table and Paragraph take time and memory by the
square of the rows; a report of a million rows must not.
"""
