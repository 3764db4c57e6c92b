module "orders" {}
