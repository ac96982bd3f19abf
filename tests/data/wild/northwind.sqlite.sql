-- A trading company as Access and SQL Server wrote it: spaces, money, pictures, views.
CREATE TABLE [Categories] (
    [CategoryID] INTEGER PRIMARY KEY AUTOINCREMENT, [CategoryName] TEXT, [Description] TEXT, [Picture] BLOB
);
CREATE TABLE [Customers] (
    [CustomerID] TEXT, [CompanyName] TEXT, [Region] TEXT, [Phone] TEXT, PRIMARY KEY (`CustomerID`)
);
CREATE TABLE [CustomerDemographics] ([CustomerTypeID] TEXT NOT NULL, [CustomerDesc] TEXT, PRIMARY KEY ("CustomerTypeID"));
CREATE TABLE [CustomerCustomerDemo] (
    [CustomerID] TEXT NOT NULL, [CustomerTypeID] TEXT NOT NULL, PRIMARY KEY ("CustomerID", "CustomerTypeID"),
    FOREIGN KEY ([CustomerID]) REFERENCES [Customers] ([CustomerID]),
    FOREIGN KEY ([CustomerTypeID]) REFERENCES [CustomerDemographics] ([CustomerTypeID])
);
CREATE TABLE [Employees] (
    [EmployeeID] INTEGER PRIMARY KEY AUTOINCREMENT, [LastName] TEXT, [BirthDate] DATE, [HireDate] DATE,
    [Photo] BLOB, [Notes] TEXT, [ReportsTo] INTEGER, [PhotoPath] TEXT,
    FOREIGN KEY ([ReportsTo]) REFERENCES [Employees] ([EmployeeID])
);
CREATE TABLE [Regions] ([RegionID] INTEGER NOT NULL PRIMARY KEY, [RegionDescription] TEXT NOT NULL);
CREATE TABLE [Territories] (
    [TerritoryID] TEXT NOT NULL, [TerritoryDescription] TEXT NOT NULL, [RegionID] INTEGER NOT NULL,
    PRIMARY KEY ("TerritoryID"), FOREIGN KEY ([RegionID]) REFERENCES [Regions] ([RegionID])
);
CREATE TABLE [EmployeeTerritories] (
    [EmployeeID] INTEGER NOT NULL, [TerritoryID] TEXT NOT NULL, PRIMARY KEY ("EmployeeID", "TerritoryID"),
    FOREIGN KEY ([EmployeeID]) REFERENCES [Employees] ([EmployeeID]) ON DELETE CASCADE,
    FOREIGN KEY ([TerritoryID]) REFERENCES [Territories] ([TerritoryID]) ON DELETE CASCADE
);
CREATE TABLE [Products] (
    [ProductID] INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, [ProductName] TEXT NOT NULL,
    [CategoryID] INTEGER, [QuantityPerUnit] TEXT, [UnitPrice] MONEY DEFAULT 0, [Price] NUMERIC DEFAULT 0,
    [UnitsInStock] INTEGER DEFAULT 0, [Discontinued] TEXT NOT NULL DEFAULT '0', [Flag] BIT,
    CHECK ([UnitPrice] >= (0)), CHECK ([UnitsInStock] >= (0)),
    FOREIGN KEY ([CategoryID]) REFERENCES [Categories] ([CategoryID])
);
CREATE TABLE [Orders] (
    [OrderID] INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, [CustomerID] TEXT, [EmployeeID] INTEGER,
    [OrderDate] DATETIME, [RequiredDate] DATETIME, [Freight] NUMERIC DEFAULT 0, [Ship Name] TEXT,
    FOREIGN KEY ([EmployeeID]) REFERENCES [Employees] ([EmployeeID]),
    FOREIGN KEY ([CustomerID]) REFERENCES [Customers] ([CustomerID])
);
CREATE TABLE [Order Details] (
    [OrderID] INTEGER NOT NULL, [ProductID] INTEGER NOT NULL, [UnitPrice] NUMERIC NOT NULL DEFAULT 0,
    [Quantity] INTEGER NOT NULL DEFAULT 1, [Discount] REAL NOT NULL DEFAULT 0, PRIMARY KEY ("OrderID", "ProductID"),
    CHECK ([Discount] >= (0) AND [Discount] <= (1)), CHECK ([Quantity] > (0)),
    FOREIGN KEY ([OrderID]) REFERENCES [Orders] ([OrderID]),
    FOREIGN KEY ([ProductID]) REFERENCES [Products] ([ProductID])
);
CREATE VIEW [Alphabetical list of products] AS SELECT * FROM Products WHERE Discontinued = '0' ORDER BY ProductName;
CREATE TRIGGER [Stock down] AFTER INSERT ON [Order Details] BEGIN
    UPDATE Products SET UnitsInStock = UnitsInStock - 0 WHERE ProductID = NEW.ProductID; END;
INSERT INTO Categories VALUES (1, 'Beverages', 'Soft drinks', x'15FF00'), (2, NULL, NULL, NULL);
INSERT INTO Customers VALUES ('ALFKI', 'Alfreds Futterkiste', NULL, '030-0074321'), ('ANATR', 'Ana Trujillo', '', NULL);
INSERT INTO CustomerDemographics VALUES ('big', 'spends');
INSERT INTO CustomerCustomerDemo VALUES ('ALFKI', 'big');
INSERT INTO Employees VALUES (1, 'Davolio', '1948-12-08', '5/1/1992', x'00', 'BA', 2, 'http://a/b.bmp'),
    (2, 'Fuller', '1952-02-19', '1992-08-14 00:00:00', NULL, NULL, NULL, NULL), (3, 'Dull', '', NULL, NULL, NULL, 2, NULL);
INSERT INTO Regions VALUES (1, 'Eastern      '), (2, 'Western');
INSERT INTO Territories VALUES ('01581', 'Westboro', 1), ('98052', 'Redmond', 2);
INSERT INTO EmployeeTerritories VALUES (1, '01581'), (1, '98052'), (2, '01581');
INSERT INTO Products VALUES (1, 'Chai', 1, '10 boxes x 20 bags', 18, 18.25, 39, '0', 1), (2, 'Chang', NULL, NULL, 19.5, 19, 17, '1', 0);
INSERT INTO Orders VALUES (10248, 'ALFKI', 1, '1996-07-04', '1996-08-01 00:00:00', 32.38, 'Vins'),
    (10249, NULL, NULL, '07/05/1996', 'soon', 11, NULL), (10250, 'ANATR', 2, '1996-07-08 00:00:00.000', '1996-08-05T10:00:00Z', 1e300, NULL);
INSERT INTO "Order Details" VALUES (10248, 1, 14, 12, 0), (10248, 2, 9.8, 10, 0.15), (10249, 2, 18.6, 9, 0);
