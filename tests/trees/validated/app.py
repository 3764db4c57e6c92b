QUOTES = ["Simple is better than complex."]
