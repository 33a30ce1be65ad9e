"""Every setting: how it is declared, read with the others, and described."""
