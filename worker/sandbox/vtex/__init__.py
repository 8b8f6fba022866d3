"""The simulated VTEX OMS: orders, invoices as packages, feed, hook and connector."""
