-- A maker of bicycles, as SQL Server's sample was ported: schemas, domains, checks, keys of several columns.
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE SCHEMA "HumanResources"; CREATE SCHEMA person; CREATE SCHEMA production; CREATE SCHEMA sales;
CREATE DOMAIN "Name" varchar(50);
CREATE DOMAIN "Flag" boolean NOT NULL;
CREATE DOMAIN "OrderNumber" varchar(25) NULL;
CREATE TYPE person.namestyle AS ENUM ('western', 'eastern', 'it''s other', 'a "quoted" one', '');
CREATE TABLE person.BusinessEntity (
    BusinessEntityID serial PRIMARY KEY, rowguid uuid NOT NULL DEFAULT uuid_generate_v1(),
    ModifiedDate timestamp NOT NULL DEFAULT now()
);
CREATE TABLE person.Person (
    BusinessEntityID int NOT NULL PRIMARY KEY REFERENCES person.BusinessEntity, PersonType char(2) NOT NULL,
    NameStyle "Flag" NOT NULL DEFAULT false, style person.namestyle, Title varchar(8), FirstName "Name" NOT NULL,
    EmailPromotion int NOT NULL DEFAULT 0, AdditionalContactInfo xml,
    CONSTRAINT "CK_Person_EmailPromotion" CHECK (EmailPromotion BETWEEN 0 AND 2),
    CONSTRAINT "CK_Person_PersonType" CHECK (PersonType IS NULL OR UPPER(PersonType) IN ('SC', 'VC', 'IN', 'EM', 'SP', 'GC'))
);
CREATE TABLE "HumanResources"."Department" (
    "DepartmentID" smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Name" "Name" NOT NULL UNIQUE, "GroupName" "Name" NOT NULL
);
CREATE TABLE "HumanResources"."Employee" (
    "BusinessEntityID" int PRIMARY KEY REFERENCES person.Person, "NationalIDNumber" varchar(15) NOT NULL,
    "BirthDate" date NOT NULL, "MaritalStatus" char(1) NOT NULL, "SalariedFlag" "Flag" DEFAULT true,
    "VacationHours" smallint NOT NULL DEFAULT 0, "Manager" int REFERENCES "HumanResources"."Employee",
    "OrganizationLevel" int GENERATED ALWAYS AS (length("NationalIDNumber")) STORED,
    CHECK ("BirthDate" BETWEEN '1930-01-01' AND '2010-01-01'), CHECK ("MaritalStatus" IN ('M', 'S')),
    CHECK ("VacationHours" BETWEEN -40 AND 240)
);
CREATE TABLE "HumanResources"."EmployeeDepartmentHistory" (
    "BusinessEntityID" int NOT NULL REFERENCES "HumanResources"."Employee",
    "DepartmentID" smallint NOT NULL REFERENCES "HumanResources"."Department",
    "StartDate" date NOT NULL, "EndDate" date, CHECK ("EndDate" >= "StartDate" OR "EndDate" IS NULL),
    PRIMARY KEY ("BusinessEntityID", "StartDate", "DepartmentID")
);
CREATE TABLE production.UnitMeasure (UnitMeasureCode char(3) PRIMARY KEY, Name "Name" NOT NULL);
CREATE TABLE production.Product (
    ProductID serial PRIMARY KEY, Name "Name" NOT NULL, ProductNumber varchar(25) NOT NULL UNIQUE,
    MakeFlag "Flag" DEFAULT true, ListPrice numeric NOT NULL CHECK (ListPrice >= 0.00), Size varchar(5),
    SizeUnitMeasureCode char(3) REFERENCES production.UnitMeasure, Weight decimal(8, 2) CHECK (Weight > 0.00),
    SellStartDate timestamp NOT NULL, SellEndDate timestamp, rowguid uuid NOT NULL DEFAULT uuid_generate_v1()
);
CREATE TABLE production.Document (DocumentNode varchar PRIMARY KEY DEFAULT '/', Title varchar(50) NOT NULL, Document bytea);
CREATE TABLE sales.SpecialOffer (SpecialOfferID serial PRIMARY KEY, DiscountPct numeric NOT NULL DEFAULT 0.00, MaxQty int);
CREATE TABLE sales.SpecialOfferProduct (
    SpecialOfferID int NOT NULL REFERENCES sales.SpecialOffer, ProductID int NOT NULL REFERENCES production.Product,
    PRIMARY KEY (SpecialOfferID, ProductID)
);
CREATE TABLE sales.SalesOrderHeader (
    SalesOrderID serial PRIMARY KEY, OrderDate timestamp NOT NULL DEFAULT now(), PurchaseOrderNumber "OrderNumber",
    OnlineOrderFlag "Flag" NOT NULL DEFAULT true, SubTotal numeric(19, 4) NOT NULL DEFAULT 0.00,
    TaxAmt numeric(19, 4) NOT NULL DEFAULT 0.00, TotalDue numeric(19, 4) GENERATED ALWAYS AS (SubTotal + TaxAmt) STORED,
    ShipTo int NOT NULL REFERENCES person.Person, BillTo int NOT NULL REFERENCES person.Person
);
CREATE TABLE sales.SalesOrderDetail (
    SalesOrderID int NOT NULL REFERENCES sales.SalesOrderHeader ON DELETE CASCADE, SalesOrderDetailID serial,
    OrderQty smallint NOT NULL CHECK (OrderQty > 0), SpecialOfferID int NOT NULL, ProductID int NOT NULL,
    UnitPrice numeric NOT NULL, PRIMARY KEY (SalesOrderID, SalesOrderDetailID),
    FOREIGN KEY (SpecialOfferID, ProductID) REFERENCES sales.SpecialOfferProduct (SpecialOfferID, ProductID)
);
CREATE TABLE sales.Person (id serial PRIMARY KEY, of_person int REFERENCES person.Person);
CREATE VIEW sales.vOrders AS SELECT * FROM sales.SalesOrderHeader;
CREATE MATERIALIZED VIEW sales.mOrders AS SELECT count(*) FROM sales.SalesOrderHeader;
INSERT INTO person.BusinessEntity DEFAULT VALUES; INSERT INTO person.BusinessEntity DEFAULT VALUES;
INSERT INTO person.Person VALUES (1, 'EM', false, 'it''s other', 'Mr.', 'Ken', 0, '<a/>'), (2, 'SC', true, '', NULL, 'Terri', 1, NULL);
INSERT INTO "HumanResources"."Department" ("Name", "GroupName") VALUES ('Engineering', 'R and D');
INSERT INTO "HumanResources"."Employee" ("BusinessEntityID", "NationalIDNumber", "BirthDate", "MaritalStatus", "Manager") VALUES (1, '295847284', '1969-01-29', 'S', NULL), (2, '245797967', '1971-08-01', 'M', 1);
INSERT INTO "HumanResources"."EmployeeDepartmentHistory" VALUES (1, 1, '2009-01-14', NULL);
INSERT INTO production.UnitMeasure VALUES ('CM ', 'Centimeter'), ('G', 'Gram');
INSERT INTO production.Product (Name, ProductNumber, ListPrice, SizeUnitMeasureCode, SellStartDate) VALUES ('Adjustable Race', 'AR-5381', 0.0, 'CM', '2008-04-30'), ('Ball', 'BA', 12.3456789, NULL, '2008-04-30');
INSERT INTO production.Document VALUES ('/', 'Root', NULL), ('/1/', 'One', '\x00ff');
INSERT INTO sales.SpecialOffer (DiscountPct) VALUES (0.1); INSERT INTO sales.SpecialOfferProduct VALUES (1, 1), (1, 2);
INSERT INTO sales.SalesOrderHeader (ShipTo, BillTo, SubTotal) VALUES (1, 2, 10.5);
INSERT INTO sales.SalesOrderDetail (SalesOrderID, OrderQty, SpecialOfferID, ProductID, UnitPrice) VALUES (1, 1, 1, 1, 2024.994);
INSERT INTO sales.Person (of_person) VALUES (1), (NULL);
