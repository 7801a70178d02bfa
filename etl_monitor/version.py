"""The version of portal and service; packaging reads it from here."""

VERSION = "0.1.0"
