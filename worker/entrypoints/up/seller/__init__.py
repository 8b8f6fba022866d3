"""The seller of `coleta up --sandbox`: sells at the simulated SkyHub, and tells the service what it invoices."""
