"""What every page of the ERP shares: sessions, error pages, answers while the database is away."""
