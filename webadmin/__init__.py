"""What people see in a browser (Flask); a guest of appliance, never the other way round."""
