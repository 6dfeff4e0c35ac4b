"""What all pages of the ERP share: sessions, error pages, and responses while the database is down."""
