"""One module per use case. A workflow orchestrates stores and the domain; it decides nothing about leads itself."""
