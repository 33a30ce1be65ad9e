"""What people press: buttons, menus, forms and the panels that hold them."""
