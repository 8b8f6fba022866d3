"""The seller of `coleta up --sandbox`: sells in the simulated world; every order is told through a door of its own."""
