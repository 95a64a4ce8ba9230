"""Folders by WebDAV: Nextcloud, ownCloud, Apache, NAS boxes."""
