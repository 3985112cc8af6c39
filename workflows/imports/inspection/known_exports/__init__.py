"""The usual exports of other systems, recognised by their headers; one YAML file per export."""
